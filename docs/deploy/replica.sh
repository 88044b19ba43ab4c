#!/bin/bash
# Runs a streaming replica of the server PRIMARY: a copy of it the first time, and then what it writes.
set -eu
umask 077
export PGPASSFILE=/tmp/pgpass
cp "${SECRET:-/run/secrets/pgpass}" "$PGPASSFILE"
chmod 600 "$PGPASSFILE"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # A copy that was broken off is of no use.
  mkdir -p "$PGDATA"
  find "$PGDATA" -mindepth 1 -delete
  pg_basebackup --pgdata "$PGDATA.new" --write-recovery-conf --slot replica --checkpoint fast \
    --dbname "host=$PRIMARY user=replica passfile=$PGPASSFILE application_name=replica" \
    || { rm -rf "$PGDATA.new"; exit 1; }
  rmdir "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
fi
exec postgres -D "$PGDATA" "$@"
