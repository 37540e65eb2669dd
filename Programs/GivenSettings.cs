using Microsoft.Extensions.Configuration;
using SensorGrid.Core.Windows;
using SensorGrid.Engine;

namespace SensorGrid.Programs;

/// <summary>The settings that are set, and the options records that they make.</summary>
internal sealed class GivenSettings
{
    private readonly Dictionary<string, string?> _values;

    /// <exception cref="CommandException">A value is none; the message names setting, source, value and rule.</exception>
    public GivenSettings(IReadOnlyList<GivenSetting> given)
    {
        Given = given;
        _values = given.ToDictionary(
            g => g.Setting.Name.Replace('.', ':'),
            g => (string?)(g.Setting.Form.Read(g.Text) ?? throw new CommandException($"{g.Setting.Name} in {g.Source} is {g.Text}: it must be {g.Setting.Form.Rule}")));
    }

    public IReadOnlyList<GivenSetting> Given { get; }

    /// <summary>Those of the grid, of which the binder does not know how to make the sizes of windows.</summary>
    /// <exception cref="ArgumentException">The sizes of windows do not go together.</exception>
    public GridOptions Grid()
    {
        var windows = _values.Remove(nameof(GridOptions.Windows), out var sizes) ? new WindowSizes([.. sizes!.Split(' ').Select(TimeSpan.Parse)]) : WindowSizes.Default;
        return Get<GridOptions>() with { Windows = windows };
    }

    public T Get<T>()
        where T : new() => new ConfigurationBuilder().AddInMemoryCollection(_values).Build().Get<T>() ?? new T();
}
