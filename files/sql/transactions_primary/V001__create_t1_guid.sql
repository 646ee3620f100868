-- A unique index of a partitioned table must contain the partition key, so uniqueness over all months needs a table of
-- its own. The constraint's name is what the writer of a duplicate reads.
create table app.t1_guid (
    transaction_guid uuid not null,
    date timestamptz not null,
    id bigint not null,
    constraint "transaction_guid must be unique in app.t1" primary key (transaction_guid)
);

comment on table app.t1_guid is
    'The guids of app.t1, each with the key of its row; exact at every moment. Also finds the row of a guid without '
    'reading every partition. Written by triggers only.';
comment on column app.t1_guid.transaction_guid is 't1.transaction_guid.';
comment on column app.t1_guid.date is 't1.date.';
comment on column app.t1_guid.id is 't1.id.';
