-- What people have made of flags. Apart from them: checkpoints write the rows of flags anew, and a flag may be acknowledged before its first checkpoint.
create table flag_alarm (
    flag text primary key,
    sensor int not null, -- as in flag
    state smallint not null, -- of the flag for as long as it is open
    acknowledged bigint, -- when it first was
    changed bigint not null
);
create index on flag_alarm (sensor);

-- A flag that has ended is cleared, whatever was made of it before.
create view flags as
select f.id, s.factory, s.machine, case when f.sensor >= 0 then s.sensor end as sensor, f.detector,
    ('{info,warning,alarm,critical}'::text[])[f.severity + 1] as severity, time_of(f.from_time) as from_time, time_of(f.to_time) as to_time, f.score,
    ('{active,acknowledged,cleared,shelved}'::text[])[case when f.to_time is null then coalesce(a.state, f.state) else f.state end + 1] as state,
    time_of(a.acknowledged) as acknowledged, f.backfilled
from flag f
join sensor s on s.id = case when f.sensor < 0 then ~f.sensor else f.sensor end
left join flag_alarm a on a.flag = f.id;
