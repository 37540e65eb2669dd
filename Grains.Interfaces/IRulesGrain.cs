namespace SensorGrid.Grains;

/// <summary>The rules that the detectors of one silo follow. The key is the silo's address, as <see cref="SiloAddress.ToParsableString"/> writes it.</summary>
public interface IRulesGrain : IGrainWithStringKey
{
    /// <summary>A name of the rules and of the settings of the grid that decide with them: two silos have the same where they judge alike. Null where the silo is gone.</summary>
    [ResponseTimeout("00:00:05")]
    Task<string?> GetNameAsync();
}
