namespace SensorGrid.Grains.Twins;

/// <summary>The key is the sensor's path.</summary>
internal interface ISensorTwinGrain : ITwinGrain;
