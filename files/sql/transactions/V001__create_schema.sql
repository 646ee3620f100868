create schema app;

comment on schema app is 'System 1: table t1, its totals, its generator and its jobs.';

revoke all on schema app from public;
