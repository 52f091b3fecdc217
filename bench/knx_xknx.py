#!/usr/bin/env python3
"""xknx as a secure client of the KNX server under measurement: knx_xknx.py PORT KEYRING PASSWORD TELEGRAMS

Writes that many temperatures to the group without a key, then to the one with a key, each when the one before it is
confirmed. Prints its version, then time and CPU time of a telegram in microseconds, a line for each group.
"""
import asyncio
import sys
import time

import xknx.__version__
from xknx import XKNX
from xknx.dpt import DPTArray
from xknx.io import ConnectionConfig, ConnectionType, SecureConfig
from xknx.telegram import GroupAddress, Telegram
from xknx.telegram.apci import GroupValueWrite

GROUPS = ("1/2/1", "1/2/2")  # SITE_PLAIN, SITE_SECURED
TUNNEL = "1.1.2"
TIME_LIMIT_S = 60


async def write(client, group, telegrams):
    telegram = Telegram(destination_address=GroupAddress(group),
                        payload=GroupValueWrite(DPTArray((0x0C, 0x1A))))
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(telegrams):
        await client.cemi_handler.send_telegram(telegram)  # returns with the confirmation
    begin, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(begin * 1e6 / telegrams, cpu * 1e6 / telegrams, flush=True)


async def run(port, keyring, password, telegrams):
    print("xknx", xknx.__version__.__version__, flush=True)
    client = XKNX(connection_config=ConnectionConfig(
        connection_type=ConnectionType.TUNNELING_TCP_SECURE,
        gateway_ip="127.0.0.1", gateway_port=port, individual_address=TUNNEL, auto_reconnect=False,
        secure_config=SecureConfig(knxkeys_file_path=keyring, knxkeys_password=password)))
    await client.start()
    try:
        for group in GROUPS:
            await write(client, group, telegrams)
    finally:
        await client.stop()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(
        run(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])), TIME_LIMIT_S))
