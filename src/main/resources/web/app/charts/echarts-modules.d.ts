/** What the panel uses of ECharts: its Maven artifact comes without types. */
declare module 'echarts/core' {
  export interface EChart {
    setOption(option: object, how?: { readonly notMerge?: boolean }): void;
    getOption(): Readonly<Record<string, unknown>>;
    resize(): void;
    dispose(): void;
  }
  export function init(element: HTMLElement, theme?: null, options?: { readonly renderer?: 'canvas' }): EChart;
  export function use(parts: readonly unknown[]): void;
}

declare module 'echarts/charts' {
  export const BarChart: unknown;
  export const LineChart: unknown;
}

declare module 'echarts/components' {
  export const GridComponent: unknown;
  export const TooltipComponent: unknown;
}

declare module 'echarts/renderers' {
  export const CanvasRenderer: unknown;
}
