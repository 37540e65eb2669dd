-- What the Microsoft.Orleans providers Clustering.AdoNet, Reminders.AdoNet and Persistence.AdoNet (10.4.2) ask of a database: they read their statements from
-- the table OrleansQuery, by key, and run them with parameters and result columns of fixed names. Those keys and names are Orleans'
-- (https://github.com/dotnet/orleans, (c) .NET Foundation and Contributors, MIT license); the tables and statements are written for Postgres here.
-- A connection of the providers has the schema as its search path.
create schema orleans;

create table orleans.OrleansQuery (
    QueryKey text primary key,
    QueryText text not null
);

-- Membership: the silos of a cluster, each change of which raises the cluster's version. Who names a version that is no longer the last one changes nothing.
create table orleans.cluster (
    id text primary key,
    version int not null
);

create table orleans.silo (
    cluster text not null references orleans.cluster on delete cascade,
    address text not null,
    port int not null,
    generation int not null,
    name text not null,
    host text not null,
    status int not null, -- Orleans' SiloStatus: 3 active, 6 dead
    gateway_port int not null, -- 0 for none
    suspecting text, -- address,time|address,time
    started timestamptz not null,
    alive timestamptz not null,
    primary key (cluster, address, port, generation)
);

create function orleans.begin_membership(in_cluster text, in_version int) returns boolean
language plpgsql
as $$
begin
    update orleans.cluster set version = version + 1 where id = in_cluster and version = in_version;
    return found;
end
$$;

create function orleans.join_silo(
    in_cluster text, in_version int, in_address text, in_port int, in_generation int, in_name text, in_host text, in_status int, in_gateway_port int,
    in_started timestamptz, in_alive timestamptz) returns boolean
language plpgsql
as $$
begin
    if exists (select from orleans.silo where cluster = in_cluster and address = in_address and port = in_port and generation = in_generation)
        or not orleans.begin_membership(in_cluster, in_version) then
        return false;
    end if;
    insert into orleans.silo (cluster, address, port, generation, name, host, status, gateway_port, started, alive)
        values (in_cluster, in_address, in_port, in_generation, in_name, in_host, in_status, in_gateway_port, in_started, in_alive);
    return true;
end
$$;

create function orleans.change_silo(
    in_cluster text, in_version int, in_address text, in_port int, in_generation int, in_status int, in_suspecting text, in_alive timestamptz) returns boolean
language plpgsql
as $$
begin
    if not exists (select from orleans.silo where cluster = in_cluster and address = in_address and port = in_port and generation = in_generation)
        or not orleans.begin_membership(in_cluster, in_version) then
        return false;
    end if;
    update orleans.silo set status = in_status, suspecting = in_suspecting, alive = in_alive
        where cluster = in_cluster and address = in_address and port = in_port and generation = in_generation;
    return true;
end
$$;

insert into orleans.OrleansQuery (QueryKey, QueryText) values
('InsertMembershipVersionKey', $$
    with made as (insert into orleans.cluster (id, version) values (@DeploymentId, 0) on conflict do nothing returning id)
    select exists (select from made)
$$),
('InsertMembershipKey', $$
    select orleans.join_silo(
        @DeploymentId, @Version, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime)
$$),
('UpdateMembershipKey', $$
    select orleans.change_silo(@DeploymentId, @Version, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime)
$$),
('UpdateIAmAlivetimeKey', $$
    update orleans.silo set alive = @IAmAliveTime
        where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),
('MembershipReadRowKey', $$
    select s.address as Address, s.port as Port, s.generation as Generation, s.name as SiloName, s.host as HostName, s.status as Status,
        s.gateway_port as ProxyPort, s.suspecting as SuspectTimes, s.started as StartTime, s.alive as IAmAliveTime, c.version as Version
    from orleans.cluster c
    left join orleans.silo s on s.cluster = c.id and s.address = @Address and s.port = @Port and s.generation = @Generation
    where c.id = @DeploymentId
$$),
('MembershipReadAllKey', $$
    select s.address as Address, s.port as Port, s.generation as Generation, s.name as SiloName, s.host as HostName, s.status as Status,
        s.gateway_port as ProxyPort, s.suspecting as SuspectTimes, s.started as StartTime, s.alive as IAmAliveTime, c.version as Version
    from orleans.cluster c left join orleans.silo s on s.cluster = c.id
    where c.id = @DeploymentId
$$),
('GatewaysQueryKey', $$
    select address as Address, gateway_port as ProxyPort, generation as Generation from orleans.silo
    where cluster = @DeploymentId and status = @Status and gateway_port > 0
$$),
('DeleteMembershipTableEntriesKey', $$
    delete from orleans.cluster where id = @DeploymentId
$$),
('CleanupDefunctSiloEntriesKey', $$
    delete from orleans.silo where cluster = @DeploymentId and status = 6 and alive < @IAmAliveTime
$$);

-- Reminders. Silos share them out by ranges of the grain's hash, which go around from the largest to the smallest; a range is without its beginning.
create table orleans.reminder (
    service text not null,
    grain text not null,
    name text not null,
    grain_hash int not null,
    start_time timestamptz not null,
    period bigint not null, -- milliseconds
    version int not null,
    primary key (service, grain, name)
);
create index on orleans.reminder (service, grain_hash);

insert into orleans.OrleansQuery (QueryKey, QueryText) values
('UpsertReminderRowKey', $$
    insert into orleans.reminder as r (service, grain, name, grain_hash, start_time, period, version)
    values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 0)
    on conflict (service, grain, name) do update
        set grain_hash = excluded.grain_hash, start_time = excluded.start_time, period = excluded.period, version = r.version + 1
    returning version as Version
$$),
('ReadReminderRowKey', $$
    select grain as GrainId, name as ReminderName, start_time as StartTime, period as Period, version as Version from orleans.reminder
    where service = @ServiceId and grain = @GrainId and name = @ReminderName
$$),
('ReadReminderRowsKey', $$
    select grain as GrainId, name as ReminderName, start_time as StartTime, period as Period, version as Version from orleans.reminder
    where service = @ServiceId and grain = @GrainId
$$),
('ReadRangeRows1Key', $$
    select grain as GrainId, name as ReminderName, start_time as StartTime, period as Period, version as Version from orleans.reminder
    where service = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$$),
('ReadRangeRows2Key', $$
    select grain as GrainId, name as ReminderName, start_time as StartTime, period as Period, version as Version from orleans.reminder
    where service = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$$),
('DeleteReminderRowKey', $$
    with gone as (
        delete from orleans.reminder where service = @ServiceId and grain = @GrainId and name = @ReminderName and version = @Version returning name)
    select exists (select from gone)
$$),
('DeleteReminderRowsKey', $$
    delete from orleans.reminder where service = @ServiceId
$$);

-- Grain state. A grain's key is a string, a number (n1) or a GUID (n0 and n1), the latter two with or without a string beside. Written only by who names the
-- version it has; no row as the answer means that it has another one.
create table orleans.grain_state (
    key text not null, -- empty for none
    n0 bigint not null,
    n1 bigint not null,
    type text not null,
    service text not null,
    version int not null,
    state bytea, -- null once cleared
    primary key (key, n0, n1, type, service)
);

insert into orleans.OrleansQuery (QueryKey, QueryText) values
('ReadFromStorageKey', $$
    select state as PayloadBinary, version as Version from orleans.grain_state
    where key = coalesce(@GrainIdExtensionString, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and type = @GrainTypeString and service = @ServiceId
$$),
('WriteToStorageKey', $$
    with changed as (
        update orleans.grain_state set state = @PayloadBinary, version = version + 1
        where key = coalesce(@GrainIdExtensionString, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and type = @GrainTypeString and service = @ServiceId
            and version = @GrainStateVersion
        returning version),
    made as (
        insert into orleans.grain_state (key, n0, n1, type, service, version, state)
        select coalesce(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1, @GrainTypeString, @ServiceId, 1, @PayloadBinary
        where @GrainStateVersion is null
        on conflict do nothing
        returning version)
    select version as NewGrainStateVersion from changed union all select version from made
$$),
('ClearStorageKey', $$
    update orleans.grain_state set state = null, version = version + 1
    where key = coalesce(@GrainIdExtensionString, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and type = @GrainTypeString and service = @ServiceId
        and version = @GrainStateVersion
    returning version
$$),
('DeleteStorageKey', $$
    delete from orleans.grain_state
    where key = coalesce(@GrainIdExtensionString, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and type = @GrainTypeString and service = @ServiceId
        and version = @GrainStateVersion
    returning version + 1
$$);
