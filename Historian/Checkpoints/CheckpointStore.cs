using Npgsql;
using NpgsqlTypes;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Checkpoints;

/// <summary>Writes checkpoints and reads back what they hold.</summary>
public sealed class CheckpointStore(Database database)
{
    /// <summary>Each partition's checkpoint; position and revision 0 where it has none.</summary>
    public async Task<Checkpoint[]> ReadAsync(int partitions, CancellationToken cancellation)
    {
        var checkpoints = new Checkpoint[partitions];
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("select partition, position, revision, sensor_chunks, machine_chunks from checkpoint", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ChunkCounts? chunks = rows.IsDBNull(3) || rows.IsDBNull(4) ? null : new ChunkCounts(rows.GetInt32(3), rows.GetInt32(4));
            checkpoints[rows.GetInt16(0)] = new Checkpoint(rows.GetInt64(1), rows.GetInt64(2), chunks);
        }
        return checkpoints;
    }

    /// <summary>A partition's snapshot, chunk by chunk in their order.</summary>
    public async IAsyncEnumerable<SnapshotChunk> ReadChunksAsync(
        int partition, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("select chunk, state, tails from snapshot where partition = $1 order by chunk", connection)
        {
            Parameters = { new() { Value = (short)partition } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return new SnapshotChunk(rows.GetInt32(0), rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2));
        }
    }

    /// <summary>Writes a package, whole or not at all. Writing it again after an unclear failure is safe.</summary>
    /// <exception cref="NpgsqlException">The store refused or is gone.</exception>
    public async Task WriteAsync(CheckpointPackage package, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await database.HoldTurnsAsync(connection, [package.Partition], cancellation).ConfigureAwait(false);
        if (!await AdvanceAsync(connection, package, cancellation).ConfigureAwait(false))
        {
            return;
        }
        await CopySegmentsAsync(connection, package.Segments, cancellation).ConfigureAwait(false);
        await CopyLateAsync(connection, package.LateSegments, cancellation).ConfigureAwait(false);
        await LateSpanTable.InsertAsync(connection, package.LateSpans, cancellation).ConfigureAwait(false);
        await WindowTable.UpsertAsync(connection, package.Windows, cancellation).ConfigureAwait(false);
        // After the windows, because a late reading may belong to one that closed within this very package.
        await WindowTable.MarkStaleAsync(connection, package.StaleWindows, cancellation).ConfigureAwait(false);
        await FlagTable.UpsertAsync(connection, package.Flags, cancellation).ConfigureAwait(false);
        await ReplaceChunksAsync(connection, package, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    // False where the revision is there already: an earlier attempt was committed although its answer never came.
    private static async Task<bool> AdvanceAsync(NpgsqlConnection connection, CheckpointPackage package, CancellationToken cancellation)
    {
        await using var command = connection.PatientCommand(
            """
            insert into checkpoint (partition, position, revision, sensor_chunks, machine_chunks) values ($1, $2, $3, $4, $5)
            on conflict (partition) do update set position = $2, revision = $3, sensor_chunks = $4, machine_chunks = $5, updated = now()
            where checkpoint.revision < $3
            """, (short)package.Partition, package.Position, package.Revision, package.ChunkCounts.OfSensors, package.ChunkCounts.OfMachines);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false) == 1;
    }

    internal static async Task CopySegmentsAsync(NpgsqlConnection connection, IEnumerable<SegmentRow> segments, CancellationToken cancellation)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "copy segment (sensor, start_time, end_time, count, data) from stdin (format binary)", cancellation).ConfigureAwait(false);
        import.Timeout = TimeSpan.FromSeconds(Database.PatienceSeconds);
        foreach (var segment in segments)
        {
            await WriteAsync(import, segment, cancellation).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task CopyLateAsync(NpgsqlConnection connection, IEnumerable<LateSegment> segments, CancellationToken cancellation)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "copy late_segment (sensor, start_time, end_time, count, data, judge) from stdin (format binary)", cancellation).ConfigureAwait(false);
        import.Timeout = TimeSpan.FromSeconds(Database.PatienceSeconds);
        foreach (var (segment, judge) in segments)
        {
            await WriteAsync(import, segment, cancellation).ConfigureAwait(false);
            await import.WriteAsync(judge, NpgsqlDbType.Boolean, cancellation).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter import, SegmentRow segment, CancellationToken cancellation)
    {
        await import.StartRowAsync(cancellation).ConfigureAwait(false);
        await import.WriteAsync(segment.Sensor, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
        await import.WriteAsync(segment.Start, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
        await import.WriteAsync(segment.End, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
        await import.WriteAsync(segment.Count, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
        await import.WriteAsync(segment.Data, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
    }

    private static async Task ReplaceChunksAsync(NpgsqlConnection connection, CheckpointPackage package, CancellationToken cancellation)
    {
        if (package.Chunks.Count == 0)
        {
            return;
        }
        // With them goes what lies under numbers that there are not, where it must have got by damage.
        await using (var delete = connection.PatientCommand(
            "delete from snapshot where partition = $1 and (chunk = any($2) or chunk >= $3 or (chunk < 0 and chunk >= $4))",
            (short)package.Partition, package.Chunks.Select(c => c.Number).ToArray(), package.ChunkCounts.OfSensors,
            SnapshotChunk.FirstOfMachines + package.ChunkCounts.OfMachines))
        {
            await delete.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await using var import = await connection.BeginBinaryImportAsync(
            "copy snapshot (partition, chunk, state, tails) from stdin (format binary)", cancellation).ConfigureAwait(false);
        import.Timeout = TimeSpan.FromSeconds(Database.PatienceSeconds);
        foreach (var chunk in package.Chunks)
        {
            await import.StartRowAsync(cancellation).ConfigureAwait(false);
            await import.WriteAsync((short)package.Partition, NpgsqlDbType.Smallint, cancellation).ConfigureAwait(false);
            await import.WriteAsync(chunk.Number, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
            await import.WriteAsync(chunk.State, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
            await import.WriteAsync(chunk.Tails, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }
}
