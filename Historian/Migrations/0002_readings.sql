-- Plain SQL for what the program writes in bytes: see docs/segment-format.md. `offset 0` keeps a subquery's results from being
-- computed again wherever they are used.

create function bits_of(data bytea) returns varbit
language sql immutable parallel safe
as $$ select ('x' || encode(data, 'hex'))::varbit $$;

create function unzigzag(n bigint) returns bigint
language sql immutable parallel safe
as $$ select (n >> 1) # -(n & 1) $$;

create function decimal_power(scale int) returns float8
language sql immutable parallel safe
as $$
    select ('{1e0,1e1,1e2,1e3,1e4,1e5,1e6,1e7,1e8,1e9,1e10,1e11,1e12,1e13,1e14,1e15,1e16,1e17,1e18,1e19,1e20,1e21,1e22}'::float8[])[scale + 1]
$$;

-- The double of these bits; every NaN is the one that SQL knows.
create function double_of(bits bigint) returns float8
language sql immutable parallel safe
as $$
    select case
        when (bits >> 52) & 2047 < 2047 then
            case when (bits >> 52) & 2047 = 0
                then (bits & 4503599627370495)::float8 * 4.9406564584124654e-324::float8
                else ((bits & 4503599627370495) | 4503599627370496)::float8 * power(2::float8, (((bits >> 52) & 2047) - 1075)::float8)
            end * case when bits < 0 then -1 else 1 end
        when bits & 4503599627370495 <> 0 then 'NaN'
        when bits < 0 then '-Infinity'
        else 'Infinity'
    end
$$;

create function quality_name(quality int) returns text
language sql immutable parallel safe
as $$ select ('{good,uncertain,bad}'::text[])[quality + 1] $$;

-- Exact for every int64 that is a time: both products fit a double.
create function time_of(micros bigint) returns timestamptz
language sql stable parallel safe
as $$
    select '1970-01-01 00:00:00+00'::timestamptz + (micros / 3600000000) * interval '1 hour' + (micros % 3600000000) * interval '1 microsecond'
$$;

create function micros_of(t timestamptz) returns bigint
language sql stable parallel safe
as $$
    select case when t = 'infinity' then 9223372036854775807 when t < '1970-01-01 00:00:00+00' then 0 else (extract(epoch from t) * 1000000)::bigint end
$$;

create function unknown_version(what text, version bigint) returns bool
language plpgsql immutable parallel safe
as $$ begin raise exception 'a % of version %, these functions read version 1', what, version; end $$;

create aggregate running_total(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', parallel = safe);

-- The blocks of a segment with the fields of their headers. *_at are positions in the bits, from 1.
create function segment_blocks(bits varbit) returns table (
    count int, quality int, repeats int, form int, width int, scale int, aux int, time_width int, first_time bigint, step bigint,
    unit bigint, base bigint, delta bigint, qualities_at int, times_at int, repeats_at int, values_at int)
language sql immutable parallel safe
as $$
    with recursive block as (
        select 1 as next_at, 0 as numbers_at, null::int as count, 0 as quality, 0 as repeats, 0 as form, 0 as width, 0 as scale,
            0 as base_bytes, 0 as aux, 0 as step_bytes, 0 as time_width, 0 as unit_bytes,
            0 as qualities_at, 0 as times_at, 0 as repeats_at, 0 as values_at
        union all
        select v.values_at + ((f.fields * h.width + 7) & -8) + 32, p.next_at + 64, h.count, h.quality, h.repeats, h.form, h.width, h.scale,
            h.base_bytes, h.aux, h.step_bytes, h.time_width, h.unit_bytes,
            q.qualities_at, t.times_at, r.repeats_at, v.values_at
        from block p
        cross join lateral (select substring(bits, p.next_at, 64)::bigint as word offset 0) w
        cross join lateral (
            select ((word >> 44) & 4095)::int + 1 as count, ((word >> 42) & 3)::int as quality, ((word >> 41) & 1)::int as repeats,
                ((word >> 39) & 3)::int as form, ((word >> 32) & 127)::int as width, ((word >> 26) & 63)::int as scale,
                ((word >> 22) & 15)::int as base_bytes, ((word >> 18) & 15)::int as aux, ((word >> 15) & 7)::int as step_bytes,
                ((word >> 9) & 63)::int as time_width, ((word >> 6) & 7)::int as unit_bytes
            where case when word >> 56 = 1 then true else unknown_version('segment block', word >> 56) end
            offset 0) h
        cross join lateral (
            select p.next_at + 120 + 8 * (h.step_bytes + h.unit_bytes + h.base_bytes + case when h.form = 1 then h.aux else 0 end)
                as qualities_at offset 0) q
        cross join lateral (
            select q.qualities_at + case when h.quality = 3 then (2 * h.count + 7) & -8 else 0 end as times_at offset 0) t
        cross join lateral (select t.times_at + (((h.count - 1) * h.time_width + 7) & -8) as repeats_at offset 0) r
        cross join lateral (select r.repeats_at + ((h.repeats * (h.count - 1) + 7) & -8) as values_at offset 0) v
        cross join lateral (
            select case when h.repeats = 1 then bit_count(substring(bits, r.repeats_at, h.count - 1))::int + 1 else h.count end
                - case when h.form in (1, 3) then 1 else 0 end as fields offset 0) f
        where p.next_at < length(bits)
    )
    select b.count, b.quality, b.repeats, b.form, b.width, b.scale, b.aux, b.time_width,
        substring(bits, b.numbers_at, 56)::bigint,
        substring(bits, b.numbers_at + 56, 8 * b.step_bytes)::bigint,
        substring(bits, b.numbers_at + 56 + 8 * b.step_bytes, 8 * b.unit_bytes)::bigint,
        case when b.form = 3 then n.base else unzigzag(n.base) end,
        case when b.form = 1 then unzigzag(substring(bits, b.qualities_at - 8 * b.aux, 8 * b.aux)::bigint) else 0 end,
        b.qualities_at, b.times_at, b.repeats_at, b.values_at
    from block b
    cross join lateral (
        select substring(bits, b.numbers_at + 56 + 8 * (b.step_bytes + b.unit_bytes), 8 * b.base_bytes)::bigint as base offset 0) n
    where b.count is not null
$$;

-- The readings of a segment, by kinds of blocks. Those with a regular step and values that stand by themselves come first: they
-- need no running totals.
create function decode_segment(data bytea) returns table (micros bigint, value float8, quality int)
language sql immutable parallel safe
as $$
    select r.micros, r.value, r.quality
    from (select bits_of(data) as bits offset 0) s
    cross join lateral (
        select *, decimal_power(case when form = 3 then 0 else scale end) as power, time_width = 0 and form = 0 as plain,
            time_width = 0 and form = 2 as floating
        from segment_blocks(s.bits) offset 0) b
    cross join lateral (
        select b.first_time + i * b.step as micros,
            (b.base + substring(s.bits, b.values_at + b.width
                * case when b.repeats = 0 then i else bit_count(substring(s.bits, b.repeats_at, i))::int end, b.width)::bigint) / b.power
                as value,
            case when b.quality = 3 then substring(s.bits, b.qualities_at + 2 * i, 2)::int else b.quality end as quality
        from generate_series(0, b.count - 1) i
        where b.plain
        union all
        select b.first_time + f.i * b.step,
            (b.base + (f.field & ((1::bigint << (b.width - b.aux)) - 1))) / decimal_power(b.scale + (f.field >> (b.width - b.aux))::int),
            case when b.quality = 3 then substring(s.bits, b.qualities_at + 2 * f.i, 2)::int else b.quality end
        from (
            select i, substring(s.bits, b.values_at + b.width
                * case when b.repeats = 0 then i else bit_count(substring(s.bits, b.repeats_at, i))::int end, b.width)::bigint as field
            from generate_series(0, b.count - 1) i
            where b.floating
            offset 0) f
        union all
        select b.first_time + t.i * b.step + b.unit * t.time_total,
            case b.form
                when 0 then (b.base + t.field) / b.power
                when 1 then (b.base + t.total) / b.power
                when 2 then (b.base + (t.field & ((1::bigint << (b.width - b.aux)) - 1)))
                    / decimal_power(b.scale + (t.field >> (b.width - b.aux))::int)
                else double_of(b.base # t.parity)
            end,
            case when b.quality = 3 then substring(s.bits, b.qualities_at + 2 * t.i, 2)::int else b.quality end
        from (
            select f.i, f.field, running_total(f.time_field) over in_order as time_total,
                running_total(case when b.form = 1 and f.changed then f.field + b.delta else 0 end) over in_order as total,
                bit_xor(case when b.form = 3 then f.field << b.scale else 0 end) over in_order as parity
            from (
                select n.i, n.changed,
                    case when n.i > 0 then substring(s.bits, b.times_at + (n.i - 1) * b.time_width, b.time_width)::bigint else 0 end as time_field,
                    case
                        when b.form in (0, 2) then substring(s.bits, b.values_at + n.at * b.width, b.width)::bigint
                        when n.changed then substring(s.bits, b.values_at + (n.at - 1) * b.width, b.width)::bigint
                        else 0
                    end as field
                from (
                    select i, i > 0 and (b.repeats = 0 or substring(s.bits, b.repeats_at + i - 1, 1) = b'1') as changed,
                        case when b.repeats = 0 then i else bit_count(substring(s.bits, b.repeats_at, i))::int end as at
                    from generate_series(0, b.count - 1) i
                    where not (b.plain or b.floating)
                    offset 0) n
                offset 0) f
            window in_order as (rows unbounded preceding)) t
    ) r
$$;

-- The readings of a log row; ordinal counts them from 0.
create function decode_log_row(data bytea) returns table (ordinal int, sensor int, micros bigint, value float8, quality int)
language sql immutable parallel safe
as $$
    select i, h.first_sensor + substring(c.bits, c.sensors_at + i * h.sensor_width, h.sensor_width)::int,
        h.first_time + h.unit * substring(c.bits, c.times_at + i * h.time_width, h.time_width)::bigint,
        case
            when h.value_scale = 255 then double_of(substring(c.bits, 225 + i * 64, 64)::bigint)
            else (h.first_value + substring(c.bits, 225 + i * h.value_width, h.value_width)::bigint) / h.power
        end,
        case when h.has_qualities then substring(c.bits, c.qualities_at + i * 8, 8)::int else 0 end
    from (select bits_of(data) as bits offset 0) b
    cross join lateral (
        select substring(b.bits, 9, 4)::int * 8 as sensor_width, substring(b.bits, 13, 4)::int * 8 as time_width,
            substring(b.bits, 17, 4)::int * 8 as value_width, case substring(b.bits, 21, 4)::int when 0 then 1 when 3 then 1000 else 1000000 end as unit,
            substring(b.bits, 25, 8)::int as value_scale, decimal_power(substring(b.bits, 25, 8)::int) as power,
            substring(b.bits, 33, 32)::int as first_sensor, substring(b.bits, 65, 64)::bigint as first_time,
            substring(b.bits, 129, 64)::bigint as first_value, substring(b.bits, 193, 16)::int as count,
            substring(b.bits, 209, 8)::int = 1 as has_qualities
        where case when substring(b.bits, 1, 8)::int = 1 then true else unknown_version('log row', substring(b.bits, 1, 8)::int) end
        offset 0) h
    cross join lateral (
        select b.bits, 225 + h.count * h.value_width as times_at, 225 + h.count * (h.value_width + h.time_width) as sensors_at,
            225 + h.count * (h.value_width + h.time_width + h.sensor_width) as qualities_at
        offset 0) c
    cross join generate_series(0, h.count - 1) i
$$;

create function little_endian_int(data bytea, at int) returns int
language sql immutable parallel safe
as $$
    select get_byte(data, at) | (get_byte(data, at + 1) << 8) | (get_byte(data, at + 2) << 16) | (get_byte(data, at + 3) << 24)
$$;

-- The segments in the tails of a snapshot's chunk, which is decompressed once.
create function decode_tails(tails bytea) returns table (sensor int, data bytea)
language sql immutable parallel safe
as $$
    select i.sensor, i.data
    from (select tails || ''::bytea as bytes offset 0) c
    cross join lateral (
        with recursive item as (
            select 0 as next_at, null::int as sensor, 0 as at, 0 as length
            union all
            select p.next_at + 8 + n.length, n.sensor, p.next_at + 8, n.length
            from item p
            cross join lateral (
                select little_endian_int(c.bytes, p.next_at) as sensor, little_endian_int(c.bytes, p.next_at + 4) as length offset 0) n
            where p.next_at < length(c.bytes)
        )
        select item.sensor, substring(c.bytes, item.at + 1, item.length) as data from item where item.sensor is not null offset 0) i
$$;

-- The log's rows from the checkpoints on, of some partitions or of all; skip: how many of a row's first readings lie before its
-- partition's checkpoint. The generations are found as the query runs: they come and go. One that was dropped in between makes the
-- query fail, rather than miss readings; it succeeds when run again.
create function log_rows(partitions smallint[] default null) returns table (partition smallint, "position" bigint, skip int, data bytea)
language plpgsql stable parallel restricted
as $$
declare
    generations text;
begin
    select string_agg(format(
        'select l.partition, l.position, greatest(0, coalesce(c.position, 0) - l.position)::int, l.data
         from public.%I l left join checkpoint c on c.partition = l.partition
         where l.position + l.count > coalesce(c.position, 0) and ($1 is null or l.partition = any ($1))',
        t.relname), ' union all ')
    into generations
    from pg_class t join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and t.relkind = 'r' and t.relname ~ '^log_[0-9]{8,}$';
    if generations is not null then
        return query execute generations using partitions;
    end if;
end
$$;

-- What has left the log for the history: segments and the snapshots' tails, which do not overlap, except that late segments win over
-- both and newer ones over older. Only sensors with late segments pay for sorting that out.
create view stored_readings as
select s.id, s.factory, s.machine, s.sensor, r.micros, r.value, r.quality
from sensor s
join segment g on g.sensor = s.id
cross join lateral decode_segment(g.data) r
where not exists (select from late_segment l where l.sensor = s.id)
union all
select s.id, s.factory, s.machine, s.sensor, r.micros, r.value, r.quality
from snapshot p
cross join lateral decode_tails(p.tails) g
join sensor s on s.id = g.sensor
cross join lateral decode_segment(g.data) r
where not exists (select from late_segment l where l.sensor = s.id)
union all
select l.* from (
    select distinct on (r.micros, s.id, s.factory, s.machine, s.sensor)
        s.id, s.factory, s.machine, s.sensor, r.micros, r.value, r.quality
    from sensor s
    join (
        select sensor, 0 as id, data from segment
        union all
        select t.sensor, 0, t.data from snapshot p cross join lateral decode_tails(p.tails) t
        union all
        select sensor, id, data from late_segment
    ) g on g.sensor = s.id
    cross join lateral decode_segment(g.data) r
    where exists (select from late_segment l where l.sensor = s.id)
    order by r.micros, s.id, s.factory, s.machine, s.sensor, g.id desc
) l;

-- Everything durable, each reading once, as last written: the log from the checkpoints on wins over what is stored. Sorting out which
-- write of the log is the last comes after the sensors are chosen: conditions on factory, machine and sensor reach every branch.
create view readings as
with log as materialized (
    select r.sensor as id, r.micros, r.value, r.quality, l.position + r.ordinal as ordinal
    from log_rows() l
    cross join lateral decode_log_row(l.data) r
    where r.ordinal >= l.skip
)
select r.factory, r.machine, r.sensor, time_of(r.micros) as time, r.value, quality_name(r.quality) as quality
from stored_readings r
where not exists (select from log where log.id = r.id and log.micros = r.micros)
union all
select d.factory, d.machine, d.sensor, time_of(d.micros), d.value, quality_name(d.quality)
from (
    select distinct on (log.micros, s.id, s.factory, s.machine, s.sensor)
        s.factory, s.machine, s.sensor, log.micros, log.value, log.quality
    from log
    join sensor s on s.id = log.id
    order by log.micros, s.id, s.factory, s.machine, s.sensor, log.ordinal desc
) d;

create function part_matches(part text, pattern text) returns bool
language sql immutable parallel safe
as $$ select part like replace(replace(replace(replace(pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%') $$;

-- Readings of a span, from inclusive, to exclusive, null for no bound, without decoding the segments beside it. The pattern is
-- factory/machine/sensor; a * in a part stands for any run of characters within it.
create function readings_between(pattern text, from_time timestamptz, to_time timestamptz)
returns table (factory text, machine text, sensor text, "time" timestamptz, value float8, quality text)
language plpgsql stable parallel restricted rows 100000
as $$
#variable_conflict use_column
declare
    first bigint := coalesce(micros_of(from_time), 0);
    behind bigint := coalesce(micros_of(to_time), 9223372036854775807);
begin
    if array_length(string_to_array(pattern, '/'), 1) is distinct from 3 then
        raise exception 'the pattern % is not factory/machine/sensor', quote_nullable(pattern) using errcode = 'invalid_parameter_value';
    end if;
    return query
    with chosen as materialized (
        select s.id, s.factory, s.machine, s.sensor, s.partition,
            exists (select from late_segment l where l.sensor = s.id and l.start_time < behind and l.end_time >= first) as has_late
        from sensor s
        where part_matches(s.factory, split_part(pattern, '/', 1)) and part_matches(s.machine, split_part(pattern, '/', 2))
            and part_matches(s.sensor, split_part(pattern, '/', 3))
    ),
    log as materialized (
        select distinct on (r.sensor, r.micros) r.sensor, r.micros, r.value, r.quality
        from log_rows((select array_agg(distinct c.partition) from chosen c)) l
        cross join lateral decode_log_row(l.data) r
        where r.ordinal >= l.skip and r.micros >= first and r.micros < behind and r.sensor in (select c.id from chosen c)
        order by r.sensor, r.micros, l.position + r.ordinal desc
    ),
    stored as (
        select c.id as sensor, c.has_late, 0::bigint as rank, g.data
        from chosen c
        -- Segments do not overlap: the last that starts before the span is the only one of those that can reach into it.
        cross join lateral (select max(b.start_time) as start from segment b where b.sensor = c.id and b.start_time <= first) n
        join segment g on g.sensor = c.id and g.start_time >= coalesce(n.start, first) and g.start_time < behind and g.end_time >= first
        union all
        select c.id, c.has_late, 0, t.data
        from snapshot p
        cross join lateral decode_tails(p.tails) t
        join chosen c on c.id = t.sensor
        where p.partition in (select d.partition from chosen d)
        union all
        select c.id, true, l.id, l.data
        from chosen c
        join late_segment l on l.sensor = c.id and l.start_time < behind and l.end_time >= first
        where c.has_late
    ),
    latest as (
        select s.sensor, r.micros, r.value, r.quality
        from stored s
        cross join lateral decode_segment(s.data) r
        where not s.has_late and r.micros >= first and r.micros < behind
        union all
        (
            select distinct on (s.sensor, r.micros) s.sensor, r.micros, r.value, r.quality
            from stored s
            cross join lateral decode_segment(s.data) r
            where s.has_late and r.micros >= first and r.micros < behind
            order by s.sensor, r.micros, s.rank desc
        )
    )
    select c.factory, c.machine, c.sensor, time_of(r.micros), r.value, quality_name(r.quality)
    from (
        select l.sensor, l.micros, l.value, l.quality from latest l
        where not exists (select from log where log.sensor = l.sensor and log.micros = l.micros)
        union all
        select log.sensor, log.micros, log.value, log.quality from log
    ) r
    join chosen c on c.id = r.sensor;
end
$$;

create view windows as
select s.factory, s.machine, s.sensor, make_interval(secs => w.size_seconds) as size, time_of(w.start_time) as start, w.revision,
    w.count, w.good_count, v.sum, least(greatest(v.sum / v.usable, v.min), v.max) as mean, v.min, v.max,
    case when v.usable > 1 then sqrt(greatest(w.m2, 0) / (v.usable - 1)) end as stddev,
    v.first, v.last,
    case when w.weighted_duration > 0 then least(greatest(v.first + w.weighted_integral / w.weighted_duration, v.min), v.max) else v.last end
        as time_weighted_mean
from window_statistics w
join sensor s on s.id = w.sensor
left join lateral (
    select w.usable_count as usable, w.min, w.max, w.first_value as first, w.last_value as last,
        case when w.sum in ('Infinity', '-Infinity', 'NaN') then w.sum else w.sum + w.compensation end as sum
    where w.usable_count > 0
    offset 0) v on true;
