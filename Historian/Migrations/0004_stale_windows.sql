-- A window row that late readings have made untrue stays, so that its revision goes on and its restating is not forgotten; a late window
-- that has no row yet gets one without figures. Neither is shown: queries compute such windows from the readings.
alter table window_statistics add column stale bool not null default false;
create index window_statistics_stale on window_statistics (sensor) where stale;

create or replace view windows as
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
    offset 0) v on true
where not w.stale;
