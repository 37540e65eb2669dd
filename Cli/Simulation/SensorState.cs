namespace SensorGrid.Cli.Simulation;

/// <summary>What a simulated sensor remembers.</summary>
internal sealed class SensorState(SensorModel model, double individual)
{
    private readonly string _format = "F" + model.Decimals;
    private readonly byte[] _last = new byte[32];
    private int _lastLength;
    private double _wander;

    public SensorModel Model => model;

    /// <summary>The fault under way; null while it is healthy.</summary>
    public Fault? Fault { get; set; }

    /// <summary>Writes the value at a time; nothing where there is none.</summary>
    /// <param name="seconds">Since the value before.</param>
    /// <param name="target">Room for 32 bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> target, DateTimeOffset time, double seconds, MachineCycle cycle, SeededNoise noise)
    {
        var keep = Math.Exp(-seconds / model.WanderTime.TotalSeconds);
        _wander = (keep * _wander) + (Math.Sqrt(1 - (keep * keep)) * model.Wander * noise.Normal());
        var value = model.Base + individual + _wander + (model.Noise * noise.Normal()) + (model.Cycle?.Invoke(cycle) ?? 0);
        Fault = time < Fault?.To ? Fault : null;
        if (Fault?.Kind == FaultKind.DropOut)
        {
            return 0;
        }
        if (Fault?.Kind != FaultKind.StuckValue || _lastLength == 0)
        {
            (value + Offset(time)).TryFormat(_last, out _lastLength, _format, System.Globalization.CultureInfo.InvariantCulture);
        }
        _last.AsSpan(0, _lastLength).CopyTo(target);
        return _lastLength;
    }

    private double Offset(DateTimeOffset time) =>
        Fault is null ? 0 : Fault.Kind == FaultKind.Drift ? Fault.Size * ((time - Fault.From) / (Fault.To - Fault.From)) : Fault.Size;
}
