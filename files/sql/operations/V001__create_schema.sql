create schema app;

comment on schema app is 'System 2: table operations, its materialized view, its generator and its jobs.';

revoke all on schema app from public;
