using Npgsql;

namespace SensorGrid.Historian.Migrations;

/// <summary>
/// Brings a database to the schema of the program: migrations in order, each in a transaction of its own, under an advisory lock, so
/// that programs started together wait for each other.
/// </summary>
public sealed class Migrator
{
    /// <summary>Key of the advisory lock: "SensorGr" in ASCII.</summary>
    private const long LockKey = 0x53656e736f724772;

    private readonly IReadOnlyList<Migration> _migrations;

    public Migrator() : this(Migration.Embedded)
    {
    }

    /// <param name="migrations">Versions 1, 2, 3 and so on.</param>
    public Migrator(IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Version != i + 1)
            {
                throw new ArgumentException($"Migration {migrations[i].Version} stands where {i + 1} should.", nameof(migrations));
            }
        }
        _migrations = migrations;
    }

    /// <summary>Applies what is missing and returns how many migrations that were.</summary>
    /// <param name="connection">Open, of a role that may create tables; for this alone while it lasts.</param>
    /// <exception cref="NewerSchemaException">The database's version is higher than the program's; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A migration was applied from another text than the program's; nothing was changed.
    /// </exception>
    public async Task<int> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation = default)
    {
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellation).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(
                connection,
                """
                create table if not exists public.schema_version (
                    version int primary key, name text not null, sha256 text not null, applied timestamptz not null default now())
                """,
                cancellation).ConfigureAwait(false);
            var landed = await CheckLandedAsync(connection, cancellation).ConfigureAwait(false);
            for (var i = landed; i < _migrations.Count; i++)
            {
                await ApplyAsync(connection, _migrations[i], cancellation).ConfigureAwait(false);
            }
            return _migrations.Count - landed;
        }
        finally
        {
            // Whatever has happened, the lock must not stay behind on a pooled connection; a broken one has lost it.
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The count of migrations that the database has, after comparing them with the program's.</summary>
    private async Task<int> CheckLandedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var landed = new List<(int Version, string Name, string Sha256)>();
        const string sql = "select version, name, sha256 from public.schema_version order by version";
        await using (var command = new NpgsqlCommand(sql, connection))
        await using (var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                landed.Add((rows.GetInt32(0), rows.GetString(1), rows.GetString(2)));
            }
        }
        if (landed.Count > 0 && landed[^1].Version > _migrations.Count)
        {
            throw new NewerSchemaException(landed[^1].Version, _migrations.Count);
        }
        for (var i = 0; i < landed.Count; i++)
        {
            if (landed[i].Version != i + 1 || landed[i].Sha256 != _migrations[i].Sha256)
            {
                throw new InvalidOperationException(
                    $"The database's schema version {landed[i].Version} ({landed[i].Name}) came from another text than this program's.");
            }
        }
        return landed.Count;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, "set local search_path = public", cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, migration.Sql, cancellation).ConfigureAwait(false);
        await using var insert = new NpgsqlCommand(
            "insert into public.schema_version (version, name, sha256) values ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = migration.Sha256 } },
        };
        await insert.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        // Waiting for another program's migrations, or a long one, is not a fault.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
