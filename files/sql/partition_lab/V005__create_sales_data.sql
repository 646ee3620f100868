create sequence app.sales_data_id_seq as bigint;

comment on sequence app.sales_data_id_seq is 'Numbers of app.sales_data.id: ascending, gaps are normal.';

create table app.sales_data (
    id bigint not null default nextval('app.sales_data_id_seq'),
    sale_date date not null default current_date,
    category text not null,
    product text not null,
    quantity integer not null default 1,
    amount numeric not null,
    primary key (id, sale_date, category),
    constraint "quantity must be from 1 to 1000000" check (quantity between 1 and 1000000),
    constraint "amount must be a number from 0 to 9999999999.99" check (amount between 0 and 9999999999.99)
);

create index on app.sales_data (sale_date, category);
create index on app.sales_data (product);

comment on table app.sales_data is
    'Sales. Partitioned by RANGE on sale_date into quarters, each by LIST on category; a date of no quarter is refused.';
comment on column app.sales_data.id is 'Ascending number from app.sales_data_id_seq.';
comment on column app.sales_data.sale_date is 'Day of the sale; the partition key.';
comment on column app.sales_data.category is 'electronics, clothing or any other; the partition key of the quarters.';
comment on column app.sales_data.product is 'What was sold.';
comment on column app.sales_data.quantity is 'How many of it.';
comment on column app.sales_data.amount is 'Money for all of them, exact decimal.';
