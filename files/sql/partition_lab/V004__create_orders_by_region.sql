create sequence app.orders_by_region_id_seq as bigint;

comment on sequence app.orders_by_region_id_seq is 'Numbers of app.orders_by_region.id: ascending, gaps are normal.';

create table app.orders_by_region (
    id bigint not null default nextval('app.orders_by_region_id_seq'),
    region text not null,
    customer_id bigint not null,
    ordered_at timestamptz not null default now(),
    amount numeric not null,
    status text not null default 'new',
    primary key (id, region),
    constraint "amount must be a number from 0 to 9999999999.99" check (amount between 0 and 9999999999.99),
    constraint "status must be new, paid, shipped or returned" check (status in ('new', 'paid', 'shipped', 'returned'))
);

create index on app.orders_by_region (customer_id);
create index on app.orders_by_region (ordered_at);

comment on table app.orders_by_region is
    'Orders. Partitioned by LIST on region: three regions, and a default for all others.';
comment on column app.orders_by_region.id is 'Ascending number from app.orders_by_region_id_seq.';
comment on column app.orders_by_region.region is
    'Where the customer is: north_america, europe, asia_pacific or any other; the partition key.';
comment on column app.orders_by_region.customer_id is 'Who ordered.';
comment on column app.orders_by_region.ordered_at is 'When.';
comment on column app.orders_by_region.amount is 'Money, exact decimal.';
comment on column app.orders_by_region.status is 'new, paid, shipped or returned.';
