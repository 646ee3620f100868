create schema app;

comment on schema app is 'System 3: four tables that are partitioned, and re-partitioned, while they are written to.';

revoke all on schema app from public;
