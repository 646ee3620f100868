create or replace function app.month_of(moment timestamptz) returns date
language sql
immutable
return date_trunc('month', moment at time zone 'UTC')::date;

comment on function app.month_of(timestamptz) is
    'First day of the month of a moment, UTC; infinity stays infinity. One expression without SET, so that it is inlined.';

revoke all on function app.month_of(timestamptz) from public;
