using System.Globalization;
using Npgsql;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Server;

namespace SensorGrid.Edge.Tests;

/// <summary>One private Postgres for all tests of the collection; each test gets a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Collection = "postgres";

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-edge-").FullName;
    private PrivatePostgres? _postgres;
    private int _databases;

    public PrivatePostgres Postgres => _postgres!;

    public async Task InitializeAsync() =>
        _postgres = await PrivatePostgres.StartAsync(new() { DataFolder = _folder, SharedBuffersMiB = 64 }, CancellationToken.None);

    /// <summary>A new database with the schema in place.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using (var connection = new NpgsqlConnection(Postgres.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"create database {name}", connection);
            await create.ExecuteNonQueryAsync();
        }
        var connectionString = new NpgsqlConnectionStringBuilder(Postgres.ConnectionString) { Database = name, MaxPoolSize = 8 }.ConnectionString;
        await using var database = new NpgsqlConnection(connectionString + ";Pooling=false");
        await database.OpenAsync();
        await new Migrator().MigrateAsync(database);
        return connectionString;
    }

    public async Task DisposeAsync()
    {
        await Postgres.DisposeAsync();
        Directory.Delete(_folder, true);
    }
}

[CollectionDefinition(PostgresServer.Collection)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
