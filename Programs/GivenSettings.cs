using Microsoft.Extensions.Configuration;

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

    /// <summary>Takes out the value of a setting that the binder does not know how to make; null where it is not set.</summary>
    public string? Take(string name) => _values.Remove(name, out var value) ? value : null;

    public T Get<T>()
        where T : new() => new ConfigurationBuilder().AddInMemoryCollection(_values).Build().Get<T>() ?? new T();
}
