using System.Diagnostics;
using Npgsql;

namespace SensorGrid.Historian.Server;

/// <summary>
/// A Postgres of the program's own in its data folder, reached through a unix socket only. The folder stays locked until
/// <see cref="StopAsync"/>. If the program is killed, the server shuts down by itself; if the server dies, <see cref="Exited"/> says so
/// and <see cref="RestartAsync"/> brings it back with everything it had acknowledged. Start, restart and stop are for one caller at a time.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string StillInUse = "pre-existing shared memory block";

    /// <summary>For the messages of backends that outlive a server stopped the hard way.</summary>
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    private readonly PrivatePostgresOptions _options;
    private readonly DataFolder _folder;
    private ServerLog? _log;
    private ServerProcess? _server;

    private PrivatePostgres(PrivatePostgresOptions options, DataFolder folder)
    {
        _options = options;
        _folder = folder;
        ConnectionString = new NpgsqlConnectionStringBuilder
        {
            Host = SocketFolder.PathFor(folder.Path),
            Username = Cluster.Name,
            Database = Cluster.Name,
        }.ConnectionString;
    }

    /// <summary>The same over restarts.</summary>
    public string ConnectionString { get; }

    /// <summary>The process id of the running server.</summary>
    public int Pid => Server.Pid;

    /// <summary>Completes with the exit status when the running server has ended, asked to or not; a restart makes a new task.</summary>
    public Task<int> Exited => Server.Exited;

    private ServerProcess Server => _server ?? throw new InvalidOperationException("Postgres was never started.");

    /// <summary>Makes the folder, the cluster and the database <c>sensorgrid</c> where missing, and returns when the server takes connections.</summary>
    /// <exception cref="PrivatePostgresException">It cannot be; nothing is left running.</exception>
    public static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, CancellationToken cancel)
    {
        options.Validate();
        var postgres = new PrivatePostgres(options, DataFolder.Open(options.DataFolder, options.Port));
        try
        {
            await postgres.RunAsync(cancel).ConfigureAwait(false);
            return postgres;
        }
        catch
        {
            postgres.Release();
            throw;
        }
    }

    /// <summary>Starts the server again after it died, or was stopped the hard way; one that still runs is shut down first.</summary>
    /// <exception cref="PrivatePostgresException">It does not start; may be tried again.</exception>
    public async Task RestartAsync(CancellationToken cancel)
    {
        await EndAsync(Libc.SigInt, cancel).ConfigureAwait(false);
        await RunAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Shuts down, with a checkpoint so that the next start need not recover, and frees the folder. Where <paramref name="cancel"/> comes
    /// first the server stops at once; nothing acknowledged is lost then either.
    /// </summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await EndAsync(Libc.SigInt, cancel).ConfigureAwait(false);
        Release();
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private async Task RunAsync(CancellationToken cancel)
    {
        var since = Stopwatch.StartNew();
        var binaries = PostgresBinaries.Find(Cluster.Version(_folder));
        var user = ServerUser.For(_folder);
        Cluster.MakeWhereMissing(_folder, binaries, user, isRestart: _server is not null);
        await Cluster.StopOrphanAsync(_folder, _options.OrphanTimeout, cancel).ConfigureAwait(false);
        var socket = SocketFolder.Prepare(_folder, user);
        WriteSettings(binaries, socket);
        var command = () => user.ServerCommand(binaries.Server, "-D", _folder.Cluster, "-c", $"config_file={_folder.Settings}");
        try
        {
            await StartServerAsync(command, since, cancel).ConfigureAwait(false);
            await MakeDatabaseAsync(cancel).ConfigureAwait(false);
        }
        catch
        {
            await EndAsync(Libc.SigQuit, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Backends of a killed server end by themselves when they notice; until then a new server refuses to start, and is tried again.</summary>
    private async Task StartServerAsync(Func<ProcessStartInfo> command, Stopwatch since, CancellationToken cancel)
    {
        while (true)
        {
            _log?.Dispose();
            _log = new ServerLog(_folder.Log);
            _server = await ServerProcess.StartAsync(command(), _log).ConfigureAwait(false);
            while (!_server.Exited.IsCompleted)
            {
                if (Cluster.IsReady(_folder, _server.Pid))
                {
                    return;
                }

                if (_log.Says("PANIC:") && IsDiskFull)
                {
                    // It would recover and fail again and again, as fast as it can.
                    throw new PrivatePostgresException(WhyNot(0));
                }

                if (since.Elapsed > _options.StartTimeout)
                {
                    throw new PrivatePostgresException($"Postgres did not get ready within {_options.StartTimeout}: see {_folder.Log}");
                }

                await Task.Delay(PollEvery, cancel).ConfigureAwait(false);
            }

            await _server.MessagesRead.ConfigureAwait(false);
            if (!_log.Says(StillInUse) || since.Elapsed > _options.OrphanTimeout)
            {
                throw new PrivatePostgresException(WhyNot(await _server.Exited.ConfigureAwait(false)));
            }
        }
    }

    private bool IsDiskFull => _log!.Says("No space left on device") || DataFolder.IsDiskFull(_folder.Path);

    private string WhyNot(int status) =>
        IsDiskFull
            ? $"the disk that holds {_folder.Path} is full: free some space"
            : $"Postgres did not start ({_log!.Complaint ?? $"exit status {status}"}): see {_folder.Log}";

    private void WriteSettings(PostgresBinaries binaries, string socket)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var text = PostgresSettings.Text(binaries, socket, PostgresSettings.SharedBuffersMiB(_options.SharedBuffersMiB, memory));
        try
        {
            File.WriteAllText(_folder.Settings, text);
            Libc.SetMode(_folder.Settings, DataFolder.ReadableByAll);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PrivatePostgresException($"{_folder.Settings} cannot be written ({e.Message}): free some space, or make it writable", e);
        }
    }

    private async Task MakeDatabaseAsync(CancellationToken cancel)
    {
        var home = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;
        try
        {
            await using var connection = new NpgsqlConnection(home);
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            await using var find = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{Cluster.Name}'", connection);
            if (await find.ExecuteScalarAsync(cancel).ConfigureAwait(false) is null)
            {
                await using var make = new NpgsqlCommand($"CREATE DATABASE {Cluster.Name}", connection);
                await make.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException e)
        {
            throw new PrivatePostgresException(
                Complaints.IsDiskFull(e.Message) || DataFolder.IsDiskFull(_folder.Path) ? WhyNot(0) : $"Postgres takes no connections ({e.Message}): see {_folder.Log}", e);
        }
    }

    private async Task EndAsync(int signal, CancellationToken cancel)
    {
        if (_server is null || _server.Exited.IsCompleted)
        {
            return;
        }

        _server.Signal(signal);
        try
        {
            await _server.Exited.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _server.Signal(Libc.SigQuit);
            await _server.Exited.ConfigureAwait(false);
        }

        await Task.WhenAny(_server.MessagesRead, Task.Delay(LastWordsTimeout, CancellationToken.None)).ConfigureAwait(false);
    }

    private void Release()
    {
        _log?.Dispose();
        _folder.Dispose();
    }
}
