comment on column pgops.operation.sources is
    'Tables that leave the partitioned table: oid, name, bound, then (what becomes of it: drop, keep), blocks and '
    'next_block of the copy, old_name after the switch. Of one that is exchanged and partitioned itself (partitioned) also all that '
    'it has (inside: below another of them).';
comment on column pgops.operation.targets is
    'Tables that come instead: name (after the switch), made_as (before it), bound, oid once it is made. Of what takes the place of a '
    'partitioned one (partitioned, route: what sends rows to its partitions) also its partitions (inside: the name of the one above; '
    'followed: the table whose place it takes).';
