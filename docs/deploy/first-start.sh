#!/bin/bash
# The image runs it when the data folder is new: roles with the passwords of their files, and the replica's way in.
set -eu
word() { grep ":$1:" /run/secrets/pgpass | cut -d: -f5; }
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --quiet --file /deploy/roles.sql \
  -v indexer="$(word indexer)" -v web="$(word web)" -v replica="$(word replica)"
echo 'host replication replica all scram-sha-256' >> "$PGDATA/pg_hba.conf"
