// Each test kills and starves processes and takes the whole machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
