namespace SensorGrid.Grains;

/// <summary>What one silo has of the store. The key is the silo's address, as <see cref="SiloAddress.ToParsableString"/> writes it.</summary>
public interface IStoreGrain : IGrainWithStringKey
{
    /// <summary>Whether the silo reaches the store; false where the silo is gone.</summary>
    [ResponseTimeout("00:00:05")]
    Task<bool> IsReachedAsync();
}
