using SensorGrid.Core.Detectors;

namespace SensorGrid.Core.Tests.Detectors;

public class SettingsHashTests
{
    /// <summary>Snapshots hold these; where one changes, sensors lose what that detector has learnt of them.</summary>
    [Fact]
    public void Hashes_of_the_built_in_settings_stay_as_they_are() => Assert.Equal(
        [7921365044031178788, 11691558192386112945, 2964551029013334802, 5374801176122916039, 16986287573980771990, 513451414429748052],
        new Detector[]
        {
            new LimitDetector(new()), new RateOfChangeDetector(new()), new FlatLineDetector(new()), new SilenceDetector(new()), new SpikeDetector(new()),
            new LevelShiftDetector(new()),
        }.Select(d => d.SettingsHash));

    [Fact]
    public void Another_value_of_any_setting_gives_another_hash()
    {
        Assert.NotEqual(new LimitDetector(new() { High = 1 }).SettingsHash, new LimitDetector(new() { Low = 1 }).SettingsHash);
        Assert.NotEqual(new LimitDetector(new() { High = 1 }).SettingsHash, new LimitDetector(new() { High = 1.0000000000000002 }).SettingsHash);
        Assert.Equal(new LimitDetector(new() { High = 1 }).SettingsHash, new LimitDetector(new() { High = 1 }).SettingsHash);
    }
}
