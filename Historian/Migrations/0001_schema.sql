-- The historian's tables. Times are microseconds since 1970-01-01 UTC; what the bytea columns hold is in docs/segment-format.md.

create table sensor (
    id int primary key,
    factory text not null,
    machine text not null,
    sensor text not null,
    kind text not null,
    partition smallint not null,
    unique (factory, machine, sensor)
);
create index on sensor (machine);

-- Readings in order: the segments of one sensor never overlap. Rows come in order and leave by retention only, so nothing but
-- wraparound and the visibility map needs a vacuum. Below 2 kB nothing is moved out of the row, and packed bits do not compress.
create table segment (
    sensor int not null,
    start_time bigint not null,
    end_time bigint not null, -- inclusive
    count int not null,
    data bytea not null
) with (autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0.2);
alter table segment alter column data set storage external;
create index on segment (sensor, start_time);

-- Readings that came after later ones of their sensor: they may overlap anything, and win over segment and over smaller ids.
create table late_segment (
    id bigint generated always as identity primary key,
    sensor int not null,
    start_time bigint not null,
    end_time bigint not null, -- inclusive
    count int not null,
    data bytea not null
);
alter table late_segment alter column data set storage external;
create index on late_segment (sensor, start_time);

create table window_statistics (
    sensor int not null,
    size_seconds int not null,
    start_time bigint not null,
    revision int not null, -- how often it was restated
    count int not null,
    good_count int not null,
    usable_count int not null,
    sum float8,
    compensation float8,
    m2 float8,
    min float8,
    max float8,
    first_time bigint,
    first_value float8,
    last_time bigint,
    last_value float8,
    weighted_integral float8,
    weighted_duration bigint,
    sketch bytea,
    primary key (sensor, size_seconds, start_time)
);

create table flag (
    id text primary key,
    sensor int not null,
    detector text not null,
    severity smallint not null,
    from_time bigint not null,
    to_time bigint, -- null while the flag is open
    score float8 not null,
    state smallint not null,
    first_seen bigint not null,
    updated bigint not null
);
create index on flag (from_time);
create index on flag (sensor, from_time);
create index flag_open on flag (sensor, detector) where to_time is null;

-- The twins of a partition as of its checkpoint, in chunks. tails: the sensors' readings that are in no segment yet, repeated
-- [int32 sensor][int32 length][a segment of that many bytes], the integers little-endian.
create table snapshot (
    partition smallint not null,
    chunk int not null,
    state bytea not null,
    tails bytea not null,
    primary key (partition, chunk)
) with (autovacuum_vacuum_scale_factor = 0.5);
alter table snapshot alter column state set compression lz4, alter column tails set compression lz4;

create table checkpoint (
    partition smallint primary key,
    position bigint not null, -- the ordinal of the first reading that is in the log alone
    revision bigint not null, -- how many checkpoints the partition has had
    updated timestamptz not null default now()
) with (fillfactor = 50);

create table dead_letter (
    id bigint generated always as identity primary key,
    time timestamptz not null default now(),
    source text not null,
    line int not null,
    reason text not null,
    raw bytea not null
);
create index on dead_letter (time);

create table setting (
    name text primary key,
    value text not null
);

-- The shape of the log's generations; holds no rows itself. Plain storage keeps a row of 8,000 bytes in its page, without a TOAST
-- table to create, write and drop with every generation.
create table log_row (
    partition smallint not null,
    position bigint not null, -- the ordinal of the row's first reading in its partition
    count int not null,
    data bytea not null,
    primary key (partition, position)
);
alter table log_row alter column data set storage plain;

create function log_table_name(generation int) returns text
language sql immutable strict parallel safe
as $$ select 'log_' || lpad(generation::text, greatest(8, length(generation::text)), '0') $$;

-- A generation is written once, read and dropped: there is nothing to vacuum.
create function create_log_table(generation int) returns void
language plpgsql strict
as $$
begin
    execute format(
        'create table if not exists public.%I (like public.log_row including storage including indexes) with (autovacuum_enabled = off)',
        log_table_name(generation));
end
$$;

-- The views decode in plain SQL: large expressions over few rows, which take seconds to compile and milliseconds to run.
do $$
begin
    execute format('alter database %I set jit = off', current_database());
exception when insufficient_privilege then
    raise notice 'not allowed to set jit = off for this database: queries on the view readings take seconds longer';
end
$$;
