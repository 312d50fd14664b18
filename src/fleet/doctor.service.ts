export class DoctorService {}
