create or replace function pgops.make_archive(root regclass, source regclass, archive text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pgops.find_relation(archive) is null then
        perform pgops.run_as_owner(root, format(
            'create table %s (like %s including comments including compression including storage)', archive, source));
        perform pgops.run_as_owner(root, format(
            'alter table %s add column archived_at timestamptz not null, add column archive_reason text', archive));
        perform pgops.run_as_owner(root, format('create index on %s using brin (archived_at)', archive));
        perform pgops.keep_to_owner(root, pgops.find_relation(archive));
        perform pgops.run_as_owner(root, format('comment on table %s is %L', archive,
            format('Rows of partitions of %s that were taken out of it.', root)));
    end if;
end
$$;

comment on function pgops.make_archive(regclass, regclass, text) is
    'Makes the table that keeps archived rows, where it is missing: the columns of the source, archived_at and '
    'archive_reason; no unique constraints, since the same key may be archived twice. Only its owner may read it, whatever default '
    'privileges there are.';

revoke all on function pgops.make_archive(regclass, regclass, text) from public;
grant execute on function pgops.make_archive(regclass, regclass, text) to pgops_operator;
