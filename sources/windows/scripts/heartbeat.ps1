# The four heartbeat values by the word of this node, and which Windows it is: the oldest take less.
Import-Module FailoverClusters
$c = Get-Cluster
$values = @{}
foreach ($n in 'SameSubnetDelay', 'SameSubnetThreshold', 'CrossSubnetDelay', 'CrossSubnetThreshold') {
    if ($null -ne $c.$n) { $values[$n] = [long]$c.$n }
}
$r = @{node = $env:COMPUTERNAME; version = [string][Environment]::OSVersion.Version; values = $values}
