/// <reference path="./echarts-modules.d.ts" />
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChart } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

/** The part of ECharts that is drawn with, imported when a chart is first shown. On a canvas: its SVG needs inline styles, which the policy forbids. */
use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export { init, type EChart };
