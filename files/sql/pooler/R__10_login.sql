create or replace function pooler.login(wanted text)
returns table (username text, password text)
language sql
stable
security definer
set search_path = ''
begin atomic
    select
        r.rolname::text,
        r.rolpassword
    from pg_catalog.pg_authid as r
    where r.rolname = wanted::name
        and r.rolcanlogin
        and not r.rolsuper
        and not r.rolreplication
        and (r.rolvaliduntil is null or r.rolvaliduntil > pg_catalog.now())
        and r.rolpassword like 'SCRAM-SHA-256$%';
end;

comment on function pooler.login(text) is
'The name and the SCRAM-SHA-256 verifier of a role that may log in; no row for superusers, for roles that replicate, for those whose
password has ended or that have none, and for names that there are not. auth_query of PgBouncer. A verifier lets nobody log in, but
whoever has it can try passwords: only the role of a pooler may call this. Takes no lock.';

revoke execute on function pooler.login(text) from public;
