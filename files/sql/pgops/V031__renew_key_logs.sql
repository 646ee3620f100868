insert into pgops.configuration (name, value, unit, minimum, maximum, meaning) values (
    'operation_log_blocks', 128, 'blocks', 0, 100000,
    'A log of changed keys of more blocks is replaced by an empty one before a switch, whose locks are held while it is read.'
);
