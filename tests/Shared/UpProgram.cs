using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SensorGrid.Tests;

/// <summary><c>sensorgrid up</c> as a process of its own, and its HTTP interface.</summary>
internal sealed partial class UpProgram : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _output = new();

    private UpProgram(string data, int port, string[] more)
    {
        Data = data;
        Port = port;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = Eventually.Deadline };
        _process = Launch(["--data", data, "--port", port.ToString(CultureInfo.InvariantCulture), .. more], []);
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Data { get; }

    public int Port { get; }

    public int Pid => _process.Id;

    /// <summary>What it printed so far; all of it once it has ended.</summary>
    public string Output => string.Join('\n', _output);

    public bool HasExited => _process.HasExited;

    /// <summary>Returns when it is ready.</summary>
    public static async Task<UpProgram> StartAsync(string data, params string[] more)
    {
        var program = new UpProgram(data, UnusedPort(), more);
        await program.ReadyAsync();
        return program;
    }

    /// <summary>Starts it and returns at once.</summary>
    public static UpProgram Begin(string data, int port, params string[] more) => new(data, port, more);

    public Task ReadyAsync(TimeSpan? deadline = null) => Eventually.TrueAsync(IsReadyAsync, "the server is ready", deadline);

    /// <summary>Runs one that is expected to end by itself.</summary>
    public static Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public static async Task<(int Status, string Output, string Error)> RunAsync((string Name, string Value)[] environment, params string[] arguments)
    {
        using var process = Launch(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return (process.ExitCode, await output, await error);
    }

    public static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static void Signal(int pid, int signal) => Assert.True(TrySignal(pid, signal), $"process {pid} does not take signal {signal}");

    /// <summary>False where the process is gone.</summary>
    public static bool TrySignal(int pid, int signal) => Kill(pid, signal) == 0;

    /// <returns>The exit status.</returns>
    public async Task<int> StopAsync(int signal)
    {
        Signal(Pid, signal);
        return await EndedAsync();
    }

    /// <summary>Waits for its end, which something else causes.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return _process.ExitCode;
    }

    public Task<HttpResponseMessage> WriteAsync(string lines) => PostAsync("write", new StringContent(lines));

    public Task<HttpResponseMessage> PostAsync(string path, HttpContent content) => _http.PostAsync(path, content);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public async Task<string> GetTextAsync(string path)
    {
        using var answer = await GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return text;
    }

    /// <summary>The answer to a query that is asked again while the store is away.</summary>
    public async Task<JsonElement> GetJsonEventuallyAsync(string path)
    {
        JsonElement json = default;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await GetAsync(path);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path}: {answer.StatusCode} {text}");
                json = answer.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(text) : default;
                return answer.IsSuccessStatusCode;
            },
            $"{path} is answered");
        return json;
    }

    public async Task<JsonElement> GetJsonAsync(string path) => JsonSerializer.Deserialize<JsonElement>(await GetTextAsync(path));

    /// <summary>Ends it, and with it its Postgres, if the test has not.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            await StopAsync(SigTerm);
        }
        _process.Dispose();
    }

    /// <summary>Whether a request failed because the server's process went away. The client lets a bare socket's fault through where that happens while it connects.</summary>
    public static bool IsBroken(Exception fault) => fault is HttpRequestException or IOException or SocketException;

    private static Process Launch(string[] arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "sensorgrid.dll"), "up", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, $"it ended: {Output}");
        return await AnswersAsync("health/ready");
    }

    /// <summary>Whether a query is answered with success.</summary>
    public async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using var answer = await GetAsync(path);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (IsBroken(fault))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
