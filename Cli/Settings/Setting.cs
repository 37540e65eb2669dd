using System.Reflection;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Gateway;

namespace SensorGrid.Cli.Settings;

/// <summary>A setting as an options record declares it.</summary>
/// <param name="Name">The property's, after those of the records it lies in: <c>Retention.Readings</c>.</param>
/// <param name="Default">As a user would write it; empty for none.</param>
internal sealed record Setting(string Name, SettingForm Form, string Default)
{
    /// <summary>All, in the order of their records.</summary>
    public static readonly IReadOnlyList<Setting> All = [.. Of("", new ProgramOptions()), .. Of("", new GatewayOptions()), .. Of("", new GridOptions())];

    /// <exception cref="CommandException">There is none of this name.</exception>
    public static Setting Find(string name, string source) =>
        All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CommandException($"{name} in {source}: {NearestName.Unknown("setting", name, All.Select(s => s.Name))}");

    private static IEnumerable<Setting> Of(string prefix, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var value = property.GetValue(options);
            if (SettingForm.Of(property.Name, property.PropertyType) is { } form)
            {
                var missing = property.PropertyType == typeof(TimeSpan?) ? SettingForm.Off : "";
                yield return new Setting(prefix + property.Name, form, value is null ? missing : form.Write(value));
                continue;
            }
            foreach (var inner in Of($"{prefix}{property.Name}.", value!))
            {
                yield return inner;
            }
        }
    }
}
