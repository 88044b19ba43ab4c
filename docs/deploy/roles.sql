-- Who uses the database, run once by its owner: the indexer writes, the web servers read, the replica copies. psql gives
-- the passwords: psql -v indexer=… -v web=… -v replica=… -f roles.sql
CREATE EXTENSION IF NOT EXISTS vector;
CREATE ROLE indexer LOGIN PASSWORD :'indexer';
CREATE ROLE web LOGIN PASSWORD :'web';
CREATE ROLE replica LOGIN REPLICATION PASSWORD :'replica';
SELECT format('GRANT CREATE ON DATABASE %I TO indexer', current_database()) \gexec
-- The indexer makes the schemas, and at each rebuild another one.
ALTER DEFAULT PRIVILEGES FOR ROLE indexer GRANT USAGE ON SCHEMAS TO web;
ALTER DEFAULT PRIVILEGES FOR ROLE indexer GRANT SELECT ON TABLES TO web;
-- What the replica has not read yet is kept for it, up to max_slot_wal_keep_size.
SELECT pg_create_physical_replication_slot('replica');
