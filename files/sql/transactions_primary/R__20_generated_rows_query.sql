create or replace function app.generated_rows_query(
    row_count bigint,
    month date,
    first_id bigint,
    clients integer,
    salt bigint
) returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
-- How a timestamptz is written hangs on these.
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    month_start constant timestamptz := month::timestamp at time zone 'UTC';
    month_end constant timestamptz := (month + interval '1 month') at time zone 'UTC';
    step_microseconds constant bigint := extract(epoch from month_end - month_start)::bigint * 1000000 / row_count;
begin
    -- Making the rows is half of the generator's time, so the expressions are cheap ones: two 64-bit hashes give all
    -- random bits, and the messages, of which each client has two, are made once and joined. UUIDs are of version 7
    -- (RFC 9562): they ascend with the date, which spares the registry's index random writes.
    return format(
        $query$
        with client as materialized (
            select
                number,
                jsonb_build_object(
                    'account_number', (4000000000 + number / 2 + 1)::text,
                    'client_id', number / 2 + 1,
                    'operation_type', case number %% 2 when 0 then 'online' else 'offline' end
                ) as message
            from generate_series(0, 2 * %4$s::bigint - 1) as number
        )
        select
            timestamptz %1$L + microseconds * interval '1 microsecond' as date,
            %3$s + row_number as id,
            ((noise >> 40) & 1048575) * 0.01 as amount,
            case when (noise >> 60) & 7 = 0 then 0 else 1 end as state,
            (
                lpad(to_hex(((%2$s + microseconds / 1000) << 16) | 28672 | ((noise >> 28) & 4095)), 16, '0')
                || to_hex((more_noise & 4611686018427387903) | (-9223372036854775808))
            )::uuid as transaction_guid,
            client.message
        from (
            select
                row_number,
                noise,
                hashint8extended(noise, %6$s) as more_noise,
                row_number * %7$s + (noise & 9223372036854775807) %% %7$s as microseconds
            from (
                select row_number, hashint8extended(row_number, %6$s) as noise
                from generate_series(0, %5$s::bigint - 1) as row_number
                offset 0 -- each hash is computed once
            ) as numbered
            offset 0
        ) as generated
        join client on client.number = (generated.more_noise & 9223372036854775807) %% (2 * %4$s::bigint)
        $query$,
        month_start::text, extract(epoch from month_start)::bigint * 1000, first_id, clients, row_count, salt,
        step_microseconds
    );
end
$$;

comment on function app.generated_rows_query(bigint, date, bigint, integer, bigint) is
    'A query for generated rows of one month: date, id, amount, state, transaction_guid, message. The same arguments '
    'give the same rows. Dates ascend with id over the month; amounts are from 0.00 to 10485.75; one row in eight is '
    'new, the others are processed.';

revoke all on function app.generated_rows_query(bigint, date, bigint, integer, bigint) from public;
