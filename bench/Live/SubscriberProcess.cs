using System.Diagnostics;
using System.Text.Json;
using SensorGrid.Bench.Commands;
using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Live;

/// <summary>The process of a <see cref="SubscriberSet"/>.</summary>
internal sealed class SubscriberProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly string _samples;

    private SubscriberProcess(Process process, string samples)
    {
        _process = process;
        _samples = samples;
        _errors = process.StandardError.ReadToEndAsync();
        Tree = new ProcessTree(process.Id);
    }

    public ProcessTree Tree { get; }

    /// <summary>Returns when every stream has begun.</summary>
    /// <param name="samples">A file that it will write.</param>
    /// <exception cref="BenchException">One has not.</exception>
    public static async Task<SubscriberProcess> StartAsync(
        IReadOnlyList<int> ports, int count, int machines, int every, string samples, CancellationToken cancellation)
    {
        string[] arguments = [.. SubscribeCommand.Arguments(ports, count, machines, every, samples)];
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(SubscriberProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var set = new SubscriberProcess(Process.Start(start)!, samples);
        try
        {
            await set.LineAsync(cancellation);
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>What they have got so far.</summary>
    /// <exception cref="BenchException">A stream has ended.</exception>
    public async Task<EventCounts> CountAsync(CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(SubscriberSet.Count);
        return JsonSerializer.Deserialize<EventCounts>(await LineAsync(cancellation))!;
    }

    /// <summary>Ends them.</summary>
    /// <returns>The events that they looked into.</returns>
    public async Task<EventSample[]> EndAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode == 0 ? SubscriberSet.Read(_samples) : throw await FailedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task<string> LineAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation) ?? throw await FailedAsync();

    private async Task<BenchException> FailedAsync()
    {
        await _process.WaitForExitAsync();
        var errors = await _errors;
        return new BenchException($"the subscribers ended with status {_process.ExitCode}: {errors}");
    }
}
