namespace SensorGrid.Silo.Tests;

public sealed class AlarmGrain : Grain, IAlarmGrain, IRemindable
{
    private const string Name = "alarm";

    private int _count;

    public Task SetAsync() => this.RegisterOrUpdateReminder(Name, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    public Task<int> CountAsync() => Task.FromResult(_count);

    public async Task UnsetAsync() => await this.UnregisterReminder((await this.GetReminder(Name))!);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _count++;
        return Task.CompletedTask;
    }
}
