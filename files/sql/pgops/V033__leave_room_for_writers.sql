insert into pgops.configuration (name, value, unit, minimum, maximum, meaning) values (
    'operation_parallel_workers', 0, 'processes', 0, 64,
    'Parallel workers of an index build or a comparison; more are faster, and leave writers fewer processors.'
);
