using BenchmarkDotNet.Attributes;
using SensorGrid.Bench.Plant;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Bench.Micro;

/// <summary>
/// A reading into its sensor's twin, in order, with the default detectors: its place in the tail, their judgement, and its share of what sealing the tail
/// costs. Ten thousand sensors in turn, so that their states are not all in the processor's cache.
/// </summary>
public class ApplyReading
{
    private const int Sensors = 10_000;
    private const int Steps = 64;

    private readonly double[] _values = new double[Sensors * Steps];
    private readonly SensorTwin[] _twins = new SensorTwin[Sensors];
    private readonly CountingTwinSink _sink = new();
    private readonly TwinContext _context;
    private int _step;

    public ApplyReading()
    {
        _context = new TwinContext(_sink, WindowSizes.Default, SealPolicy.Default);
        var signal = new PlantSignal(Sensors, 1);
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        for (var i = 0; i < Sensors; i++)
        {
            var parts = PlantLayout.Path(i).Split('/');
            var sensor = catalog.Restore(i, parts[0], parts[1], parts[2], PlantLayout.KindOf(i));
            _twins[i] = new SensorTwin(sensor, RuleSet.Default.DetectorsFor(parts[0], parts[1], parts[2], sensor.Kind));
            for (var step = 0; step < Steps; step++)
            {
                _values[(step * Sensors) + i] = MicroInput.At(signal, i, step).Value;
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Sensors)]
    public long Run()
    {
        var time = (MicroInput.Start * 1000) + (_step * EventTime.Second);
        // To and fro, so that the signal has no jump where it begins again.
        var turn = _step % (2 * Steps);
        var values = _values.AsSpan((turn < Steps ? turn : (2 * Steps) - 1 - turn) * Sensors, Sensors);
        for (var i = 0; i < _twins.Length; i++)
        {
            _twins[i].Apply(new Reading(time, values[i]), _context);
        }
        _step++;
        return _sink.Sealed;
    }
}
