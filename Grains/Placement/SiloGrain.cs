namespace SensorGrid.Grains.Placement;

/// <summary>A grain that answers for the silo whose address is its key. Where that is gone, it finds itself elsewhere, and goes too.</summary>
internal abstract class SiloGrain(ILocalSiloDetails silo) : Grain
{
    protected bool IsHere => this.GetPrimaryKeyString() == silo.SiloAddress.ToParsableString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!IsHere)
        {
            DeactivateOnIdle();
        }
        return Task.CompletedTask;
    }
}
