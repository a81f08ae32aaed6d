# Sets heartbeat values, one by one in the order given, if all four are still as expected. Both come
# as NAME=NUMBER with a space between, and are looked at again here. Nothing that goes wrong ends
# this script: once `began` is true values may have been set, and `after` tells which stand now.
Import-Module FailoverClusters
$most = @{SameSubnetDelay = 2000; SameSubnetThreshold = 120; CrossSubnetDelay = 4000; CrossSubnetThreshold = 120}
if ([Environment]::OSVersion.Version -lt [Version]'6.2') { $most.SameSubnetThreshold = 10; $most.CrossSubnetThreshold = 20 }
function Now { $c = Get-Cluster; $h = @{}; foreach ($n in $most.Keys) { $h[$n] = [long]$c.$n }; $h }
$r = @{began = $false; drifted = $false}
try {
    $sets = @($P.Set -split ' ')
    foreach ($s in $sets) {
        if ($s -cnotmatch '\A(Same|Cross)Subnet(Delay|Threshold)=[0-9]{1,4}\z') { throw 'not a heartbeat value' }
        $n, $v = $s -split '='
        $least = 3
        if ($n -like '*Delay') { $least = 250 }
        if ([long]$v -lt $least -or [long]$v -gt $most[$n]) { throw ($s + ' is out of range') }
    }
    $expected = @{}
    foreach ($s in ($P.Expected -split ' ')) { $n, $v = $s -split '='; $expected[$n] = [long]$v }
    $r.before = Now
    foreach ($n in $most.Keys) { if ($r.before[$n] -ne $expected[$n]) { $r.drifted = $true } }
    if (-not $r.drifted) {
        $c = Get-Cluster
        foreach ($s in $sets) { $n, $v = $s -split '='; $r.began = $true; $c.$n = [uint32]$v }
    }
} catch { $r.trouble = W $_ }
if ($r.began) { try { $r.after = Now } catch { $r.after = $null } }
