using System.Diagnostics;
using Npgsql;
using SensorGrid.Historian.Migrations;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>A Postgres server in a temporary folder for all tests that want one, on a unix socket only.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private static readonly bool Root = Environment.UserName == "root";

    private readonly string _folder = Directory.CreateTempSubdirectory("historian-tests-").FullName;
    private int _databases;

    public static bool IsInstalled => File.Exists($"{Binaries}/initdb");

    public static bool MustRun => Environment.GetEnvironmentVariable("CI") == "true";

    public async Task InitializeAsync()
    {
        if (!IsInstalled && !MustRun)
        {
            return;
        }
        if (Root)
        {
            await RunAsync("chown", "postgres", _folder);
        }
        await ServerAsync("initdb", "-D", $"{_folder}/data", "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C");
        await ServerAsync(
            "pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "start",
            "-o", $"-k {_folder} -c listen_addresses='' -c fsync=off -c max_connections=30");
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (File.Exists($"{_folder}/data/postmaster.pid"))
        {
            await ServerAsync("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A new database, without a schema.</summary>
    public async Task<NpgsqlDataSource> CreateEmptyDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using (var server = NpgsqlDataSource.Create(ConnectionString("postgres")))
        await using (var create = server.CreateCommand($"create database {name}"))
        {
            await create.ExecuteNonQueryAsync();
        }
        return NpgsqlDataSource.Create(ConnectionString(name));
    }

    /// <summary>A new database with the program's schema.</summary>
    public async Task<NpgsqlDataSource> CreateDatabaseAsync()
    {
        var database = await CreateEmptyDatabaseAsync();
        await using (var connection = await database.OpenConnectionAsync())
        {
            await new Migrator().MigrateAsync(connection);
        }
        // Sessions from before do not know the setting that the schema makes for the database.
        database.Clear();
        return database;
    }

    private string ConnectionString(string database) => $"Host={_folder};Username=postgres;Database={database};Include Error Detail=true";

    /// <summary>Postgres refuses to run as root.</summary>
    private static Task ServerAsync(string program, params string[] arguments) => Root
        ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", $"{Binaries}/{program}", .. arguments])
        : RunAsync($"{Binaries}/{program}", arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // The server inherits these pipes and keeps them open: wait for the process, not for the end of its output.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with status {process.ExitCode}.");
        }
    }
}
