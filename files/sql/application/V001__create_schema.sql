create schema app;

comment on schema app is 'System 4: what an application stores: its users, what they enter, what happens, and what is measured.';

revoke all on schema app from public;
