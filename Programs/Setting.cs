using System.Reflection;

namespace SensorGrid.Programs;

/// <summary>A setting as an options record declares it.</summary>
/// <param name="Name">The property's, after those of the records it lies in: <c>Retention.Readings</c>.</param>
/// <param name="Default">As a user would write it; empty for none.</param>
internal sealed record Setting(string Name, SettingForm Form, string Default)
{
    /// <summary>Those of some records, in their order.</summary>
    /// <param name="records">With their defaults.</param>
    public static IReadOnlyList<Setting> Of(params object[] records) => [.. records.SelectMany(r => Of("", r))];

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
