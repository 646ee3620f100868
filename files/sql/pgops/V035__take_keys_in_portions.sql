insert into pgops.configuration (name, value, unit, minimum, maximum, meaning) values (
    'operation_keys_at_once', 500000, 'keys', 1, 5000000,
    'Noted keys of changed rows that are carried along together: they are one value, which has to fit into memory.'
);
