create schema pooler;
comment on schema pooler is 'What a connection pooler may ask for: the verifier of a login that comes to it.';
revoke all on schema pooler from public;
