using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Rules;

/// <summary>
/// Looks whether the other silos judge as this one does: each reads the rules from a file of its own. While rules are changed they differ for a while, so that a silo
/// is not refused for it; what lasts is to be seen.
/// </summary>
internal sealed partial class RulesWatch : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly GridEngine _engine;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly ISiloStatusOracle _silos;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("SensorGrid.Rules");
    private readonly CancellationTokenSource _stopping = new();
    private Task _looking = Task.CompletedTask;
    private volatile SiloAddress[] _others = [];

    public RulesWatch(GridEngine engine, IGrainFactory grains, ILocalSiloDetails silo, ISiloStatusOracle silos, TimeProvider time, ILogger<RulesWatch> logger)
    {
        (_engine, _grains, _silo, _silos, _time, _logger) = (engine, grains, silo, silos, time, logger);
        _meter.CreateObservableGauge("sensorgrid.silos.other_rules", () => _others.Length, "{silo}", "Silos that judge by other rules or settings than this one.");
    }

    /// <inheritdoc cref="IRulesGrain.GetNameAsync"/>
    public string Own => $"{_engine.Rules.Fingerprint} {Duration.Format(_engine.Options.LateJudging)} {Duration.Format(_engine.Options.StoredWindows)}";

    /// <summary>The silos that judged otherwise when it looked last.</summary>
    public IReadOnlyList<SiloAddress> Others => _others;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<RulesWatch>(ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);

    public async Task LookAsync(CancellationToken cancellation)
    {
        var own = Own;
        var silos = _silos.GetApproximateSiloStatuses(true).Keys.Where(s => !s.Equals(_silo.SiloAddress)).Order().ToArray();
        var names = await Task.WhenAll(silos.Select(s => AskAsync(s, cancellation))).ConfigureAwait(false);
        SiloAddress[] others = [.. silos.Where((_, i) => names[i] is { } name && name != own)];
        if (others.Length > 0 && !others.SequenceEqual(_others))
        {
            LogOthers(string.Join(", ", others.Select(s => s.ToParsableString())), own);
        }
        else if (others.Length == 0 && _others.Length > 0)
        {
            LogSame(own);
        }
        _others = others;
    }

    public void Dispose()
    {
        _meter.Dispose();
        _stopping.Dispose();
    }

    private Task StartAsync(CancellationToken cancellation)
    {
        _looking = Task.Run(() => Round.RunAsync(Interval, true, _time, LookAsync, static _ => { }, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
    }

    // Null where it does not tell: it is gone or going, or of a version that knows no such question.
    private async Task<string?> AskAsync(SiloAddress silo, CancellationToken cancellation)
    {
        try
        {
            return await _grains.GetGrain<IRulesGrain>(silo.ToParsableString()).GetNameAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            LogNotTold(silo.ToParsableString(), fault.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Other rules, or other LateJudging or StoredWindows, than here ({Own}) are in force on {Silos}: which flags are raised depends on the silo until they are the same.")]
    private partial void LogOthers(string silos, string own);

    [LoggerMessage(Level = LogLevel.Information, Message = "The same rules are in force on all silos ({Own}).")]
    private partial void LogSame(string own);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} does not tell its rules: {Reason}")]
    private partial void LogNotTold(string silo, string reason);
}
